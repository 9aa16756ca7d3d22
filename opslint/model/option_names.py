"""Options of programs as data: which take a value from the next word, and which have two names."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Names:
    valued: frozenset[str] = frozenset()  # `--memory 512` is `--memory=512`
    attached: frozenset[str] = frozenset()  # short ones whose value never is the next word: mysql's `-psecret`
    aliases: dict[str, str] = field(default_factory=dict)  # short name to long name
    clusters: bool = True  # `-xzf` is `-x -z -f`
    operands: frozenset[str] = frozenset()  # whose value is what the program is about: the archive of `tar -f`
    bare: bool = False  # the first word may be a cluster without its dash: `tar xzf`


def _names(
    valued: str = "",
    aliases: str = "",
    attached: str = "",
    *,
    clusters: bool = True,
    operands: str = "",
    bare: bool = False,
) -> Names:
    pairs = dict(pair.split("=") for pair in aliases.split())
    takes, sticks, counts = (frozenset(each.split()) for each in (valued, attached, operands))
    return Names(takes, sticks, pairs, clusters, counts, bare)


_CONSOLE = "-n=--no-interaction -q=--quiet -V=--version -h=--help"  # of every Symfony console, artisan and composer too
_MYSQL = (
    "-h --host -u --user -P --port -S --socket -D --database -e --execute --defaults-file --defaults-extra-file "
    "--protocol --ssl-mode --default-character-set --result-file -r --ignore-table --where -w"
)
_MYSQL_ALIASES = "-h=--host -u=--user -P=--port -p=--password -e=--execute -D=--database -S=--socket"
_POSTGRES = (
    "-h --host -p --port -U --username -d --dbname -f --file -F --format -j --jobs -n --schema -t --table -c --command "
    "-v --set -o --output"
)
_POSTGRES_ALIASES = "-h=--host -p=--port -U=--username -d=--dbname -f=--file -c=--command"

OPTIONS: dict[str, Names] = {
    # options with a value of Laravel's own commands, Horizon, Octane and spatie/laravel-backup
    "artisan": _names(
        "--env --name --queue --backoff --max-jobs --max-time --delay --memory --timeout --sleep --rest --tries "
        "--max --path --database --schema-path --class --seeder --host --port --redirect --render "
        "--retry --refresh --secret --status --only --except --disable-notifications --filename --only-to-disk "
        "--configuration --testsuite --filter --group --exclude-group --min --processes --server --workers "
        "--task-workers --max-requests --admin-port --rpc-port --format --execute",
        _CONSOLE,
    ),
    "console": _names(
        "-e --env --limit -l --memory-limit -m --time-limit -t --failure-limit -f --sleep --bus --queues --em --conn "
        "--configuration --shard --id",
        f"{_CONSOLE} -e=--env -l=--limit -m=--memory-limit -t=--time-limit -f=--failure-limit",
    ),
    "composer": _names(
        "-d --working-dir --ignore-platform-req",
        f"{_CONSOLE} -d=--working-dir -o=--optimize-autoloader -a=--classmap-authoritative",
    ),
    "phpstan": _names(
        "-c --configuration -l --level -b --generate-baseline --memory-limit --error-format -a --autoload-file "
        "--tmp-file --instead-of",
        f"{_CONSOLE} -c=--configuration -l=--level -b=--generate-baseline -a=--autoload-file",
    ),
    "dep": _names("-f --file -o --option --tag --limit -l --start-from", f"{_CONSOLE} -f=--file"),
    "envoy": _names("--path --conf"),
    "git": _names(
        "-C -c --git-dir --work-tree -b -B -m --message --branch --depth -o --origin -s --strategy --author",
        "-f=--force -q=--quiet -b=--branch",
    ),
    "tar": _names(
        "-f --file -C --directory -T --files-from --exclude --strip-components --transform -I --use-compress-program "
        "-X --exclude-from --owner --group --mode",
        "-x=--extract -c=--create -t=--list -f=--file -C=--directory -z=--gzip",
        operands="-f --file",
        bare=True,
    ),
    "unzip": _names("-d -x", "-o=--overwrite"),
    "curl": _names(
        "-X --request -H --header -d --data --data-raw --data-binary --data-urlencode --json -F --form -o --output "
        "-u --user -w --write-out -A --user-agent -b --cookie -c --cookie-jar -e --referer -m --max-time "
        "--connect-timeout --retry --retry-delay --retry-max-time -T --upload-file -K --config -x --proxy -E --cert "
        "--cacert --key --resolve --url -r --range",
        "-X=--request -H=--header -d=--data -F=--form -o=--output -u=--user -w=--write-out -f=--fail -I=--head "
        "-L=--location -s=--silent -S=--show-error -m=--max-time -T=--upload-file -O=--remote-name -k=--insecure",
    ),
    "wget": _names(
        "-O --output-document -o --output-file -P --directory-prefix -T --timeout -t --tries --header --post-data "
        "--user --password --method --body-data -U --user-agent",
        "-O=--output-document -P=--directory-prefix -q=--quiet -T=--timeout -t=--tries",
    ),
    "rsync": _names(
        "-e --rsh --exclude --include --exclude-from --include-from --files-from --filter -f --rsync-path --chmod "
        "--chown --link-dest --backup-dir --temp-dir -T --timeout --port --password-file --bwlimit --log-file "
        "--usermap --groupmap --max-size --min-size -B --info --out-format",
        "-e=--rsh -n=--dry-run -a=--archive -z=--compress",
    ),
    "scp": _names("-P -i -o -F -c -J -l -S"),
    "sftp": _names("-P -i -o -F -c -J -l -S -b -B -R"),
    "lftp": _names("-u -p -e -c -f", "-e=--execute -c=--commands"),
    "ssh": _names("-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w"),
    "sshpass": _names("-p -f -d -P"),
    "mysql": _names(_MYSQL, _MYSQL_ALIASES, "-p"),
    "mariadb": _names(_MYSQL, _MYSQL_ALIASES, "-p"),
    "mysqldump": _names(_MYSQL, _MYSQL_ALIASES, "-p"),
    "mariadb-dump": _names(_MYSQL, _MYSQL_ALIASES, "-p"),
    "mysqladmin": _names(_MYSQL, _MYSQL_ALIASES, "-p"),
    "redis-cli": _names("-h -p -s -a -u --user --pass -n -i --uri", "-a=--pass -u=--uri"),
    "psql": _names(
        "-h --host -p --port -U --username -d --dbname -f --file -c --command -v --set -o --output -F -P -R -T -L",
        _POSTGRES_ALIASES,
    ),
    "pg_dump": _names(_POSTGRES, _POSTGRES_ALIASES),
    "pg_dumpall": _names(_POSTGRES, _POSTGRES_ALIASES),
    "pg_restore": _names(_POSTGRES, _POSTGRES_ALIASES),
    "mongodump": _names("--uri --db -d --collection -c --host -h --port --out -o --archive -u -p"),
    "mongorestore": _names("--uri --db -d --collection -c --host -h --port --dir --archive -u -p"),
    "docker": _names(
        "-f --file -p --project-name --project-directory --env-file --profile --ansi -H --host --context --scale -t "
        "--timeout --tag --build-arg --target --platform --image --with-registry-auth --stack-file -c --compose-file "
        "--update-order --pull --progress --cache-from --wait-timeout",
        "-d=--detach -f=--file -p=--project-name -t=--timeout -c=--compose-file",
    ),
    "docker-compose": _names(
        "-f --file -p --project-name --project-directory --env-file --profile --ansi --scale -t --timeout",
        "-d=--detach -f=--file -p=--project-name -t=--timeout",
    ),
    "kubectl": _names(
        "-n --namespace --context --kubeconfig -f --filename -k --kustomize -l --selector --timeout --to-revision -p "
        "--patch -s --server --token",
        "-n=--namespace -f=--filename -k=--kustomize -l=--selector",
    ),
    "helm": _names("-n --namespace -f --values --set --version --timeout --kube-context", "-n=--namespace -f=--values"),
    "aws": _names(
        "--region --profile --output --query --cluster --service --task-definition --bucket --exclude --include "
        "--function-name --image-uri --application-name --deployment-group-name --environment-name --version-label "
        "--distribution-id --paths --snapshot-identifier --db-instance-identifier --db-snapshot-identifier "
        "--db-cluster-identifier --source --document-name --targets --parameters"
    ),
    "supervisorctl": _names("-c --configuration -s --serverurl -u --username -p --password"),
    "systemctl": _names("-t --type -p --property -M --machine -H --host -o --output -n --lines --signal -s"),
    "service": _names(),
    "ln": _names(
        "-t --target-directory -S --suffix",
        "-s=--symbolic -f=--force -n=--no-dereference -T=--no-target-directory",
    ),
    "cp": _names("-t --target-directory -S --suffix", "-r=--recursive -R=--recursive -a=--archive -f=--force"),
    "mv": _names("-t --target-directory -S --suffix", "-f=--force -T=--no-target-directory"),
    "nginx": _names("-s -c -p -g -e"),
    "mutt": _names("-s -a -c -b -F"),
    "npm": _names("--prefix -w --workspace"),
    "phpunit": _names(
        "-c --configuration --testsuite --filter --group --exclude-group --coverage-clover --coverage-text "
        "--coverage-html --log-junit -d --bootstrap --coverage-xml --coverage-cobertura"
    ),
    "pest": _names("-c --configuration --testsuite --filter --group --min -p"),
    "mail": _names("-s -a -r -c -b -S"),
    "php": _names("-d -c -f -r -S -t -z -B -R -F -E", clusters=False),
}

# Programs that are the same under another name.
SAME = {
    "phpstan.phar": "phpstan",
    "larastan": "phpstan",
    "composer.phar": "composer",
    "deployer": "dep",
    "dep.phar": "dep",
    "deployer.phar": "dep",
    "paratest": "phpunit",
    "phpunit.phar": "phpunit",
    "gtar": "tar",
    "fly": "flyctl",
    "podman": "docker",
    "podman-compose": "docker-compose",
    "simple-phpunit": "phpunit",
}
UNKNOWN = Names()
