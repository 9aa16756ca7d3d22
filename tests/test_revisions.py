"""The base that a change is compared with: real repositories, cloned as the services clone them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from opslint.revisions import base_files

NOBODY = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
WHO = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
Checkout = Callable[..., Path]
Surroundings = Callable[..., None]
ZEROS = "0" * 40
GONE = "1234567890" * 4


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, env={**os.environ, **NOBODY, **WHO})
    return done.stdout.strip()


def commit(folder: Path, name: str) -> str:
    """A commit whose file `mark` holds its name."""
    (folder / "mark").write_text(name)
    (folder / f"{name}.txt").write_text(name)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", name)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """What a service hosts; `feature` parts at the second commit of `main`, which has gone on since.

    one - two - three          main
             \\
              start - more     feature          refs/pull/7/merge joins three and more
    """
    folder = tmp_path / "server"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    commit(folder, "one")
    commit(folder, "two")
    git(folder, "checkout", "-q", "-b", "feature")
    commit(folder, "start")
    commit(folder, "more")
    git(folder, "checkout", "-q", "main")
    commit(folder, "three")
    git(folder, "checkout", "-q", "--detach")
    git(folder, "merge", "-q", "-s", "ours", "--no-commit", "feature")
    commit(folder, "merged")
    git(folder, "update-ref", "refs/pull/7/merge", "HEAD")
    git(folder, "checkout", "-q", "main")
    return folder


def at(folder: Path, name: str) -> str:
    return git(folder, "rev-parse", name)


@pytest.fixture
def checkout(server: Path, tmp_path: Path) -> Callable[..., Path]:
    """A clone as `actions/checkout` makes it: one ref fetched, detached; with depth 0 all branches and their history."""

    def make(ref: str, depth: int = 0) -> Path:
        folder = tmp_path / "work"
        folder.mkdir()
        git(folder, "init", "-q")
        git(folder, "remote", "add", "origin", server.as_uri())
        if depth:
            git(folder, "fetch", "-q", "--no-tags", f"--depth={depth}", "origin", ref)
        else:
            git(folder, "fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*", ref)
        git(folder, "checkout", "-q", "--detach", at(server, ref))
        return folder

    return make


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Environment variables, and the payload of GitHub's event where one is given."""

    def put(payload: object = None, **variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        if payload is not None:
            path = tmp_path / "event.json"
            path.write_text(payload if isinstance(payload, str) else json.dumps(payload))
            monkeypatch.setenv("GITHUB_EVENT_PATH", str(path))

    return put


def base(folder: Path, name: str | None = None) -> tuple[str, str]:
    """The name of the commit that is compared with, and why there is none."""
    files, missing = base_files(folder, name)
    return files.read("mark").decode() if files else "", missing


HINT = "the clone is shallow and lacks the base revision: give `actions/checkout` `fetch-depth: 0`"


def pull_request(server: Path, **variables: str) -> dict[str, str]:
    usual = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_BASE_REF": "main",
        "GITHUB_HEAD_REF": "feature",
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_SHA": at(server, "refs/pull/7/merge"),
    }
    return usual | variables


@pytest.mark.parametrize("depth", [0, 2])
def test_a_pull_request_begins_at_what_it_is_merged_into(server: Path, checkout: Checkout, surroundings: Surroundings, depth: int) -> None:
    surroundings(**pull_request(server))
    assert base(checkout("refs/pull/7/merge", depth)) == ("three", "")


def test_a_pull_request_of_depth_1_gets_the_hint(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    surroundings(**pull_request(server))
    assert base(checkout("refs/pull/7/merge", 1)) == ("", HINT)


def test_the_target_fetched_beside_a_merge_of_depth_1_is_enough(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    folder = checkout("refs/pull/7/merge", 1)
    git(folder, "fetch", "-q", "--depth=1", "origin", "main")
    surroundings(**pull_request(server))
    assert base(folder) == ("three", "")


def test_the_head_of_a_pull_request_begins_where_it_parted(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    surroundings(**pull_request(server))
    assert base(checkout("feature")) == ("two", "")


def test_a_merge_that_the_author_made_is_no_merge_of_the_service(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    git(server, "checkout", "-q", "feature")
    git(server, "merge", "-q", "-s", "ours", "--no-commit", "main")
    commit(server, "joined")
    surroundings(**pull_request(server))
    assert base(checkout("feature")) == ("three", "")


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_head_of_a_pull_request_gets_the_hint(server: Path, checkout: Checkout, surroundings: Surroundings, depth: int) -> None:
    surroundings(**pull_request(server))
    assert base(checkout("feature", depth)) == ("", HINT)


def test_an_unknown_target_is_said(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    surroundings(**pull_request(server, GITHUB_BASE_REF="release"))
    assert base(checkout("feature")) == ("", "the clone has no branch `release` to compare with")


def push(before: object, **variables: str) -> tuple[object, dict[str, str]]:
    usual = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main"}
    return {"before": before, "repository": {"default_branch": "main"}}, usual | variables


def test_a_push_begins_where_the_branch_was(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    payload, variables = push(at(server, "main~2"))
    surroundings(payload, **variables)
    assert base(checkout("main")) == ("one", "")


def test_a_shallow_push_gets_the_hint(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    payload, variables = push(at(server, "main~2"))
    surroundings(payload, **variables)
    assert base(checkout("main", 2)) == ("", HINT)


def test_a_new_branch_begins_where_it_parted(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    payload, variables = push(ZEROS, GITHUB_REF="refs/heads/feature")
    surroundings(payload, **variables)
    assert base(checkout("feature")) == ("two", "")


def test_a_forced_push_that_went_back_is_compared_with_what_it_left(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    """The merge base would be HEAD itself, and no growth would be seen."""
    git(server, "branch", "back", "main~1")
    payload, variables = push(at(server, "main"))
    surroundings(payload, **variables)
    assert base(checkout("back")) == ("three", "")


def test_a_forced_push_whose_past_is_gone_says_so(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    payload, variables = push(GONE)
    surroundings(payload, **variables)
    assert base(checkout("main")) == ("", f"the clone lacks `{GONE}`, which the branch pointed to before the push")


@pytest.mark.parametrize("before", ["HEAD", "--output=x", "main..feature", "a" * 39, 7, None, {}, "\n" + "a" * 40], ids=ascii)
def test_a_before_that_is_no_commit_is_not_asked_for(server: Path, checkout: Checkout, surroundings: Surroundings, before: object) -> None:
    """The default branch is compared with instead, and as HEAD is on it: what the last commit brought."""
    payload, variables = push(before)
    surroundings(payload, **variables)
    assert base(checkout("main")) == ("two", "")


@pytest.mark.parametrize("payload", ["", "[" * 100_000, "nonsense", "[]", '"x"', "{}"], ids=lambda text: text[:8] or "empty")
def test_a_broken_payload_stops_nothing(checkout: Checkout, surroundings: Surroundings, payload: str) -> None:
    surroundings(payload, **push("")[1])
    assert base(checkout("main")) == ("two", "")


def test_a_payload_that_is_no_file_is_not_read(checkout: Checkout, surroundings: Surroundings, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    surroundings(**push("")[1], GITHUB_EVENT_PATH=str(tmp_path / "pipe"))
    assert base(checkout("main")) == ("two", "")


def test_a_merge_queue_begins_where_the_event_says(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    payload = {"merge_group": {"base_sha": at(server, "main~1")}}
    surroundings(payload, CI="true", GITHUB_ACTIONS="true", GITHUB_EVENT_NAME="merge_group")
    assert base(checkout("main")) == ("two", "")


def test_a_shallow_merge_queue_gets_the_hint(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    payload = {"merge_group": {"base_sha": at(server, "main~1")}}
    surroundings(payload, CI="true", GITHUB_ACTIONS="true", GITHUB_EVENT_NAME="merge_group")
    assert base(checkout("main", 1)) == ("", HINT)


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
def test_a_run_on_the_default_branch_judges_its_last_commit(checkout: Checkout, surroundings: Surroundings, event: str) -> None:
    payload = {"repository": {"default_branch": "main"}}
    surroundings(payload, CI="true", GITHUB_ACTIONS="true", GITHUB_EVENT_NAME=event)
    assert base(checkout("main")) == ("two", "")


def test_the_first_commit_falls_behind_nothing(server: Path, tmp_path: Path, surroundings: Surroundings) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    git(folder, "init", "-q")
    commit(folder, "first")
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    surroundings(CI="true")
    assert base(folder) == ("", "")


def gitlab(**variables: str) -> dict[str, str]:
    return {"CI": "true", "GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": ZEROS, "CI_DEFAULT_BRANCH": "main"} | variables


GITLAB_HINT = "the clone is shallow and lacks the base revision: set the variable `GIT_DEPTH: 0`"


def test_a_merge_request_begins_where_it_parted(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    surroundings(**gitlab(CI_MERGE_REQUEST_DIFF_BASE_SHA=at(server, "main~1")))
    assert base(checkout("feature")) == ("two", "")


def test_a_merged_result_begins_at_the_target(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    told = {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA": at(server, "main"), "CI_MERGE_REQUEST_DIFF_BASE_SHA": at(server, "main~1")}
    surroundings(**gitlab(**told))
    assert base(checkout("refs/pull/7/merge")) == ("three", "")


def test_a_shallow_merge_request_gets_the_hint_of_gitlab(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    surroundings(**gitlab(CI_MERGE_REQUEST_TARGET_BRANCH_SHA="", CI_MERGE_REQUEST_DIFF_BASE_SHA=at(server, "main~1")))
    assert base(checkout("feature", 1)) == ("", GITLAB_HINT)


def test_a_gitlab_push_begins_where_the_branch_was(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    surroundings(**gitlab(CI_COMMIT_BEFORE_SHA=at(server, "main~2")))
    assert base(checkout("main")) == ("one", "")


def test_a_new_branch_of_gitlab_begins_where_it_parted(checkout: Checkout, surroundings: Surroundings) -> None:
    surroundings(**gitlab())
    assert base(checkout("feature")) == ("two", "")


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
        ("CHANGE_TARGET", "main"),
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
    ],
)
def test_other_services_name_the_target(checkout: Checkout, surroundings: Surroundings, name: str, target: str) -> None:
    surroundings(**{"CI": "true", name: target})
    assert base(checkout("feature")) == ("two", "")


def test_a_shallow_clone_of_bitbucket_gets_its_hint(checkout: Checkout, surroundings: Surroundings) -> None:
    surroundings(CI="true", BITBUCKET_BUILD_NUMBER="1", BITBUCKET_PR_DESTINATION_BRANCH="main")
    assert base(checkout("feature", 1))[1].endswith("set `clone: {depth: full}`")


def test_a_hook_compares_with_HEAD(server: Path, surroundings: Surroundings) -> None:
    surroundings(PRE_COMMIT="1")
    assert base(server) == ("three", "")


def test_a_hook_in_ci_compares_as_ci_does(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    """`pre-commit run --all-files` there finds everything committed: HEAD would hide what the change brought."""
    surroundings(**pull_request(server, PRE_COMMIT="1"))
    assert base(checkout("refs/pull/7/merge")) == ("three", "")


def test_a_hook_over_a_range_begins_where_the_range_does(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    surroundings(PRE_COMMIT="1", PRE_COMMIT_FROM_REF=at(server, "main~1"), PRE_COMMIT_TO_REF="HEAD")
    assert base(checkout("feature")) == ("two", "")


def test_at_home_a_branch_begins_where_it_parted(checkout: Checkout) -> None:
    assert base(checkout("feature")) == ("two", "")


def test_at_home_without_a_remote_it_is_HEAD(server: Path) -> None:
    assert base(server) == ("three", "")


def test_a_named_base_is_the_merge_base_with_it(server: Path) -> None:
    git(server, "checkout", "-q", "feature")
    assert base(server, "main") == ("two", "")


def test_a_named_base_goes_before_the_event(server: Path, checkout: Checkout, surroundings: Surroundings) -> None:
    surroundings(**pull_request(server))
    assert base(checkout("refs/pull/7/merge"), at(server, "main~2")) == ("one", "")


def test_a_base_that_does_not_exist_is_said(server: Path) -> None:
    assert base(server, "relaese") == ("", "there is no revision `relaese`")


def test_other_histories_have_nothing_in_common(server: Path) -> None:
    git(server, "checkout", "-q", "--orphan", "other")
    commit(server, "alien")
    assert base(server, "main") == ("", "`main` and HEAD have no common history")


@pytest.mark.parametrize(("ci", "missing"), [("true", "there is no git history to compare with"), ("", "")])
def test_no_history(tmp_path: Path, surroundings: Surroundings, ci: str, missing: str) -> None:
    surroundings(CI=ci)
    assert base(tmp_path) == ("", missing)


def test_a_repository_of_somebody_else_is_said(server: Path, surroundings: Surroundings) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(server, 12345, 12345)
    os.chown(server / ".git", 12345, 12345)
    missing = base(server)[1]
    assert missing == "git refuses the repository, since another user owns it: `git config --global --add safe.directory`"
