"""Programs that run other programs, as data: their options, and what precedes the command."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a wrapper's words are read, up to the command that it runs."""

    valued: frozenset[str] = frozenset()  # options whose value is the next word, if it is not attached
    operands: int = 0  # words before the command: a container, a time limit
    assigns: bool = False  # NAME=value may stand before the command
    remote: bool = False  # what it runs, it runs on another machine
    queries: frozenset[str] = frozenset()  # options with which it runs nothing
    script: frozenset[str] = frozenset()  # options whose value is a shell script


def _options(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DOCKER_EXEC = Grammar(_options("-e --env --env-file -u --user -w --workdir --detach-keys --index"), operands=1)
_DOCKER_RUN = Grammar(
    _options(
        "-a --add-host --attach --cap-add --cap-drop --cpus -c --cpu-shares --device --dns -e --entrypoint --env "
        "--env-file --expose --gpus -h --hostname -l --label --link --log-driver --log-opt -m --memory --mount --name "
        "--net --network --network-alias -p --platform --publish --pull --restart --security-opt --shm-size "
        "--stop-signal --stop-timeout --tmpfs -u --ulimit --user -v --volume --volumes-from -w --workdir"
    ),
    operands=1,
)

# By the words that begin them; the longest fits first.
WRAPPERS: dict[tuple[str, ...], Grammar] = {
    ("sudo",): Grammar(
        _options(
            "-u -g -h -p -C -T -R -D -r -t -U --user --group --host --prompt --chdir --chroot --role --type "
            "--close-from --command-timeout --other-user"
        ),
        assigns=True,
        queries=_options("-l --list -v --validate -k --reset-timestamp -K -e --edit -V --version"),
    ),
    ("doas",): Grammar(_options("-u -C -a")),
    ("env",): Grammar(_options("-u --unset -C --chdir"), assigns=True),
    ("timeout",): Grammar(_options("-s --signal -k --kill-after"), operands=1),
    ("gtimeout",): Grammar(_options("-s --signal -k --kill-after"), operands=1),
    ("nohup",): Grammar(),
    ("setsid",): Grammar(),
    ("exec",): Grammar(_options("-a")),
    ("builtin",): Grammar(),
    ("command",): Grammar(queries=_options("-v -V")),
    ("nice",): Grammar(_options("-n --adjustment")),
    ("ionice",): Grammar(_options("-c --class -n --classdata"), queries=_options("-p --pid")),
    ("time",): Grammar(_options("-f --format -o --output")),
    ("stdbuf",): Grammar(_options("-i --input -o --output -e --error")),
    ("unbuffer",): Grammar(),
    ("chronic",): Grammar(),
    ("xargs",): Grammar(
        _options(
            "-a --arg-file -d --delimiter -E -I -L --max-lines -n --max-args -P --max-procs -s --max-chars --replace"
        )
    ),
    ("flock",): Grammar(
        _options("-w --wait --timeout -E --conflict-exit-code"),
        operands=1,
        queries=_options("-u --unlock"),
        script=_options("-c --command"),
    ),
    ("gosu",): Grammar(operands=1),
    ("su-exec",): Grammar(operands=1),
    ("chroot",): Grammar(_options("--userspec --groups"), operands=1),
    ("runuser",): Grammar(
        _options("-u --user -g --group -G --supp-group -s --shell"), script=_options("-c --command --session-command")
    ),
    ("sshpass",): Grammar(_options("-p -f -d -P")),
    ("docker", "exec"): _DOCKER_EXEC,
    ("docker", "container", "exec"): _DOCKER_EXEC,
    ("docker", "run"): _DOCKER_RUN,
    ("docker", "container", "run"): _DOCKER_RUN,
    ("docker", "compose", "exec"): _DOCKER_EXEC,
    ("docker", "compose", "run"): _DOCKER_RUN,
    ("docker-compose", "exec"): _DOCKER_EXEC,
    ("docker-compose", "run"): _DOCKER_RUN,
    ("podman", "exec"): _DOCKER_EXEC,
    ("podman", "run"): _DOCKER_RUN,
    ("kubectl", "exec"): Grammar(
        _options("-n --namespace -c --container --context --kubeconfig -f --filename --pod-running-timeout"),
        operands=1,
        remote=True,
    ),
    ("heroku", "run"): Grammar(_options("-a --app -s --size -r --remote -e --env --type"), remote=True),
    ("heroku", "run:detached"): Grammar(_options("-a --app -s --size -r --remote -e --env --type"), remote=True),
    ("doppler", "run"): Grammar(_options("-p --project -c --config -t --token"), script=_options("--command")),
    ("gcloud", "compute", "ssh"): Grammar(
        _options("--zone --project --ssh-flag --ssh-key-file --account"),
        operands=1,
        remote=True,
        script=_options("--command"),
    ),
    ("fly", "ssh", "console"): Grammar(
        _options("-a --app -c --config"), remote=True, script=_options("-C --command")
    ),
    ("flyctl", "ssh", "console"): Grammar(
        _options("-a --app -c --config"), remote=True, script=_options("-C --command")
    ),
}

# Options that may stand between the words that begin a wrapper: `docker compose -f x.yml exec`.
BETWEEN: dict[str, frozenset[str]] = {
    "docker": _options(
        "-f --file -p --project-name --project-directory --env-file --profile --ansi -H --host -c --context "
        "-l --log-level --parallel --progress"
    ),
    "docker-compose": _options("-f --file -p --project-name --project-directory --env-file --profile --ansi"),
    "podman": _options("-c --connection --url --log-level"),
    "kubectl": _options("-n --namespace --context --kubeconfig --cluster --user -s --server --token"),
    "heroku": _options("-a --app"),
    "gcloud": _options("--project --zone --account"),
}

SHELLS = frozenset({"bash", "sh", "dash", "ash", "zsh", "ksh"})
SHELL_VALUED = _options("-o +o -O +O --rcfile --init-file")

SSH = Grammar(_options("-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w"), operands=1, remote=True)
SU = Grammar(
    _options("-s --shell -g --group -G --supp-group -w --whitelist-environment"),
    script=_options("-c --command --session-command"),
)

# What `sail x` runs in the container under its own name; anything else it hands to docker compose.
SAIL_RUNS = _options("artisan php composer npm npx node yarn pnpm bun bash pint pest phpunit")
