"""Commands of a script: every one of them, wherever it stands and whatever it is wrapped in."""

from __future__ import annotations

import pytest

from opslint.model.command import Command, Site, command_of_words, commands
from opslint.source import Source, Text
from opslint.syntax.shell import script, words

SITE = Site("script", "deploy.sh", "deploy.sh")


def found(content: str) -> list[Command]:
    return list(commands(script(Source("deploy.sh", content).text), SITE))


def told(content: str) -> list[str]:
    """Each command as `wrapper wrapper: words`; a remote one with `@`."""
    lines = []
    for command in found(content):
        names = " ".join(wrapper.name + "@" * wrapper.remote for wrapper in command.via)
        lines.append(f"{names}: {command}" if names else str(command))
    return lines


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("a; b && c || ! d | e & f", list("abcdef"), id="lists and pipelines"),
        pytest.param("if a; then b; elif c; then d; else e; fi", list("abcde"), id="if"),
        pytest.param("while a; do b; done; until c; do d; done", list("abcd"), id="loops"),
        pytest.param("for i in $(a); do b; done; select x in y; do c; done", list("abc"), id="for and select"),
        pytest.param('case "$(a)" in x) b;; *) c; esac', list("abc"), id="case"),
        pytest.param("(a; { b; }); f() { c; }", list("abc"), id="groups and functions"),
        pytest.param("x=$(a) b \"$(c `d`)\"", ["a", "d", "c `d`", "b $(c `d`)"], id="substitutions come first"),
        pytest.param("a > \"$(b)\" < <(c)", ["b", "c", "a"], id="in redirections"),
        pytest.param("{ a; } > $(b)", ["a", "b"], id="in redirections of a group"),
        pytest.param("cat <<EOF\n$(a)\nEOF\n", ["a", "cat"], id="in a here-document"),
        pytest.param("cat <<'EOF'\n$(a)\nEOF\n", ["cat"], id="a quoted here-document runs nothing"),
        pytest.param("c ${x:-$(a)} $(( $(b) + 1 ))", ["a", "b", "c ${x:-$(a)} $(( $(b) + 1 ))"], id="in expansions"),
        pytest.param("x=1", [], id="an assignment alone is no command"),
        pytest.param("export x=$(a)", ["a", "export x=$(a)"], id="a declaration is one"),
        pytest.param("a\n)\nb", ["a", "b"], id="around what cannot be read"),
    ],
)
def test_every_command_is_found(content: str, expected: list[str]) -> None:
    assert told(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("sudo -Hu www-data A=1 php artisan up", ["sudo: php artisan up"], id="sudo"),
        pytest.param("sudo -l", ["sudo -l"], id="sudo that only asks"),
        pytest.param("env -u X A=1 B=2 php x", ["env: php x"], id="env"),
        pytest.param("env", ["env"], id="env alone"),
        pytest.param("timeout -k 5 60 nice -n 5 ionice -c3 php x", ["timeout nice ionice: php x"], id="one in another"),
        pytest.param("nohup php x &", ["nohup: php x"], id="nohup"),
        pytest.param("exec php x", ["exec: php x"], id="exec"),
        pytest.param("exec > log", ["exec"], id="exec of redirections"),
        pytest.param("command -v php", ["command -v php"], id="command that only asks"),
        pytest.param("time php x", ["time: php x"], id="time"),
        pytest.param("find . | xargs -n 1 -P4 php -l", ["find .", "xargs: php -l"], id="xargs"),
        pytest.param("flock -n /tmp/lock php x", ["flock: php x"], id="flock"),
        pytest.param("flock /tmp/lock -c 'a; b'", ["flock: a", "flock: b"], id="flock -c"),
        pytest.param("docker exec -it -u www app php x", ["docker: php x"], id="docker exec"),
        pytest.param("docker compose -f a.yml exec -T app php x", ["docker: php x"], id="docker compose"),
        pytest.param("docker-compose run --rm -e A=1 app php x", ["docker-compose: php x"], id="docker-compose run"),
        pytest.param("docker compose up -d", ["docker compose up -d"], id="docker compose that runs nothing in it"),
        pytest.param("docker run -v $PWD:/app composer install", ["docker: composer install"], id="image of composer"),
        pytest.param("docker run --rm php:8.3 php x", ["docker: php x"], id="any other image"),
        pytest.param("kubectl -n p exec -it deploy/x -- php x", ["kubectl@: php x"], id="kubectl"),
        pytest.param("heroku run -a app php x", ["heroku@: php x"], id="heroku"),
        pytest.param("./vendor/bin/sail artisan up", ["sail: artisan up"], id="sail"),
        pytest.param("sail up -d", ["sail up -d"], id="sail as docker compose"),
        pytest.param("gosu www php x", ["gosu: php x"], id="gosu"),
        pytest.param("sudo", ["sudo"], id="a wrapper of nothing"),
    ],
)
def test_wrappers_are_taken_off(content: str, expected: list[str]) -> None:
    assert told(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("bash -c 'a && b' x y", ["bash: a", "bash: b"], id="bash -c"),
        pytest.param("bash -euo pipefail -c a", ["bash: a"], id="flags with a value"),
        pytest.param("sh -c \"a $X\"", ["sh: a $X"], id="expanded by the outer shell"),
        pytest.param("bash x.sh -c a", ["bash x.sh -c a"], id="options of a script are its own"),
        pytest.param("bash <<EOF\na\nEOF\n", ["bash: a"], id="a shell reads a here-document"),
        pytest.param("echo a | bash", ["echo a", "bash: a"], id="a shell reads a pipe"),
        pytest.param("curl x | bash", ["curl x", "bash"], id="what curl gives is not known"),
        pytest.param("su - deploy -c 'a; b'", ["su: a", "su: b"], id="su"),
        pytest.param("su -c a deploy", ["su: a"], id="su with its options first"),
        pytest.param("sudo -iu deploy <<'E'\na\nE\n", ["sudo: a"], id="sudo that starts a shell"),
        pytest.param("sudo su - x <<E\na\nE\n", ["sudo su: a"], id="su in sudo"),
        pytest.param("eval 'a; b' c", ["eval: a", "eval: b c"], id="eval of what is known"),
        pytest.param('eval "$(ssh-agent -s)"', ["ssh-agent -s", "eval $(ssh-agent -s)"], id="eval of what is not"),
        pytest.param("docker exec app sh -c 'a | b'", ["docker sh: a", "docker sh: b"], id="in a container"),
    ],
)
def test_scripts_for_other_shells_are_read(content: str, expected: list[str]) -> None:
    assert told(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("ssh u@h 'a && b'", ["ssh@: a", "ssh@: b"], id="one argument"),
        pytest.param("ssh -p 22 -o A=b -tt u@h php artisan up", ["ssh@: php artisan up"], id="words"),
        pytest.param("ssh h cd /x \\&\\& a", ["ssh@: cd /x", "ssh@: a"], id="escaped operators work remotely"),
        pytest.param("ssh h -p 22 a", ["ssh@: a"], id="options behind the host"),
        pytest.param("ssh $SSH_OPTS u@h a", ["ssh@: a"], id="a variable of options is no host"),
        pytest.param("ssh h <<EOF\na $(b)\nEOF\n", ["b", "ssh@: a $(b)"], id="unquoted: substitutions run here, once"),
        pytest.param("ssh h <<EOF\na \\$(b)\nEOF\n", ["ssh@: b", "ssh@: a $(b)"], id="escaped: they run there"),
        pytest.param("ssh h <<'EOF'\na $(b)\nEOF\n", ["ssh@: b", "ssh@: a $(b)"], id="quoted: they run there"),
        pytest.param("ssh h bash -s <<'E'\na\nE\n", ["ssh@ bash: a"], id="bash -s"),
        pytest.param("ssh h 'bash -se' <<'E'\na\nE\n", ["ssh@ bash: a"], id="bash -se in quotes"),
        pytest.param("ssh h 'b && bash -s' <<'E'\na\nE\n", ["ssh@: b", "ssh@: bash -s", "ssh@: a"], id="later"),
        pytest.param("ssh h 'sudo bash -s' <<'E'\na\nE\n", ["ssh@ sudo bash: a"], id="as root"),
        pytest.param("ssh h 'bash -s' < deploy.sh", ["ssh@: bash deploy.sh"], id="a file"),
        pytest.param("ssh h < deploy.sh", ["ssh@: bash deploy.sh"], id="a file for the login shell"),
        pytest.param("cat deploy.sh | ssh h bash", ["cat deploy.sh", "ssh@: bash deploy.sh"], id="a file through cat"),
        pytest.param("echo 'a; b' | ssh h", ["echo a; b", "ssh@: a", "ssh@: b"], id="a pipe"),
        pytest.param("ssh h", ["ssh h"], id="nothing is run"),
        pytest.param("sshpass -e ssh h a", ["sshpass ssh@: a"], id="sshpass"),
        pytest.param("gcloud compute ssh vm --zone z --command='a; b'", ["gcloud@: a", "gcloud@: b"], id="gcloud"),
        pytest.param("ssh h \"sudo -u x bash -c 'a'\"", ["ssh@ sudo bash: a"], id="three deep"),
    ],
)
def test_remote_scripts_are_read(content: str, expected: list[str]) -> None:
    assert told(content) == expected


def test_a_word_in_an_argument_in_a_here_document_knows_its_place() -> None:
    content = "ssh a <<'EOF'\n  ssh b \"php artisan \\\"down\\\" --retry=60\"\nEOF\n"
    (command,) = found(content)
    assert [word.raw.span.written for word in command.words] == ["php", "artisan", '\\"down\\"', "--retry=60"]
    assert str(command.words[3].span) == "deploy.sh:2:31"
    assert command.words[3].text.is_verbatim
    assert [wrapper.name for wrapper in command.via] == ["ssh", "ssh"]
    assert command.remote


def test_what_a_command_reads_is_kept() -> None:
    assert [command.reads for command in found("mysql a < dump.sql; zcat b.gz | mysql c; mysql d <<< x; e")] == [
        "dump.sql", "", "zcat b.gz", "", "",
    ]  # fmt: skip


def test_wrappers_around_a_script_can_be_given() -> None:
    from opslint.model.command import Wrapper

    given = (Wrapper("ssh-action", (), remote=True),)
    (command,) = commands(script(Source("x", "sudo a").text), SITE, given)
    assert [wrapper.name for wrapper in command.via] == ["ssh-action", "sudo"]
    assert command.remote


def test_scripts_in_scripts_without_end_are_cut_and_the_rest_is_told() -> None:
    (command,) = found("eval " * 30 + "a")
    assert str(command) == "eval " * 10 + "a"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("php artisan queue:work && x", ["php artisan queue:work && x"], id="operators are words"),
        pytest.param("bash -c 'exec php x; y'", ["php x", "y"], id="bash -c is read"),
        pytest.param("/usr/bin/env FOO=1 php x", ["php x"], id="wrappers are taken off"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_command_lines_that_no_shell_reads(line: str, expected: list[str]) -> None:
    text: Text = Source("supervisor.conf", line).text
    assert [str(command) for command in command_of_words(words(text), text, SITE)] == expected
