"""A deployment as it is drawn: jobs in their order, steps, what they do where, and when; nothing that is not there."""

from __future__ import annotations

from opslint.files import Memory
from opslint.lint import open_project
from opslint.model.project import Project
from opslint.policy import Policy
from opslint.report.paper import Paper
from opslint.report.text import drawn
from opslint.views.drawing import draw
from opslint.views.drawn_commands import command_rows
from opslint.views.drawn_workflow import workflow_rows

PATH = ".github/workflows/deploy.yml"
EVERYTHING = """\
on:
  push: {branches: [main]}
concurrency: {group: 'site-${{ github.ref }}', cancel-in-progress: '${{ github.event_name != ''push'' }}'}
jobs:
  watch:
    needs: [deploy, build]
    if: always() && needs.deploy.result != 'success'
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - uses: ./.github/actions/tell
        with: {to: team}
      - uses: ./.github/actions/gone
  build:
    runs-on: [self-hosted, linux]
    container: php:8.3
    services: {mysql: {image: mysql}}
    strategy: {fail-fast: false, matrix: {php: ['8.2', '8.3']}}
    continue-on-error: true
    steps:
      - run: composer install
      - run: Get-Date
        shell: pwsh
  deploy:
    needs: build
    environment: {name: production}
    runs-on: ubuntu-latest
    concurrency: production
    steps:
      - id: down
        name: Close the shop
        run: ssh -p 22 deploy@${{ secrets.HOST }} 'php artisan down || true'
      - name: Deploy
        id: deploy
        timeout-minutes: 1
        continue-on-error: true
        run: |
          bash scripts/release.sh
          ./gone.sh
          $TOOL now
      - name: Restore
        if: failure() && steps.deploy.outcome == 'failure'
        uses: appleboy/ssh-action@v1
        with:
          host: ${{ secrets.HOST }}
          script: |
            restore() { php artisan migrate:rollback; }
            trap restore EXIT
            if [ -f artisan ]; then php artisan up; fi
      - parallel:
          - run: curl -f https://shop.example/up
          - run: php artisan test
      - name: Alone
        background: true
        id: alone
        run: rsync -a . shop:/srv
      - wait: alone
      - uses: vendor/unknown@v1
        if: github.ref == 'refs/heads/main' && ${{ true }}
  again:
    needs: deploy
    uses: ./.github/workflows/called.yml
  elsewhere:
    needs: deploy
    uses: shop/workflows/.github/workflows/deploy.yml@v1
"""
ACTION = """\
name: tell
runs:
  using: composite
  steps:
    - run: curl -X POST https://hooks.slack.com/services/x
      shell: bash
      if: failure()
"""
CALLED = """\
on: workflow_call
jobs:
  migrate:
    runs-on: ubuntu-latest
    steps: [{run: "ssh shop 'php artisan migrate --force'"}]
"""
FILES = {
    PATH: EVERYTHING,
    ".github/actions/tell/action.yml": ACTION,
    ".github/workflows/called.yml": CALLED,
    "scripts/release.sh": "#!/bin/bash\nset -e\ngit pull\nfor x in a b; do php artisan config:cache; done\n",
}


def project(files: dict[str, str]) -> Project:
    return open_project(Memory(files), Policy())


def workflow(files: dict[str, str], width: int = 100) -> str:
    found = project(files)
    (drawn_one,) = (each for each in found.workflows if each.path == PATH)
    return drawn(list(draw(tuple(workflow_rows(found, drawn_one)), Paper(width))), color=False)


def test_everything_of_a_workflow_is_drawn() -> None:
    assert workflow(FILES) == """\
    one run of the workflow at a time in `site-${{ github.ref }}`: a newer one cancels it if
      `github.event_name != 'push'`
14  build  on self-hosted, linux, in a container, with mysql
       a job for each leg of its matrix, which goes on when another one fails
       when it fails, jobs that need it are told of a success
21     1 composer install
21        install-dependencies  here                     composer install
22     2 Get-Date  by `pwsh`, whose scripts opslint does not read
24  deploy  on ubuntu-latest, environment production
       waits for `build`
       at most 6 hours: it has no `timeout-minutes`
       one run of it at a time in `production`: a newer one waits, and takes the place of one that
         waits already
31     1 Close the shop
32        maintenance-on        ssh deploy@secrets.HOST  php artisan down  or else true
33     2 Deploy  at most 1 minute, when it fails, the job goes on as if it had not
38        bash scripts/release.sh  which runs scripts/release.sh:
 3           update-code        here                     git pull
 4           build-caches       here                     php artisan config:cache  in a loop
39        ?                     not in this repository   ./gone.sh
40        ?                     known to the run alone   $TOOL now
41     3 Restore
          runs only after a failure, not after a cancel, and only if `Deploy` failed
47        restore-database      ssh secrets.HOST         php artisan migrate:rollback  in restore()
49        maintenance-off       ssh secrets.HOST         php artisan up  in an if
50     4 at the same time:
51        1 curl -f https://shop.example/up
51           check-health       here                     curl -f https://shop.example/up
52        2 php artisan test
52           test               here                     php artisan test
53     5 Alone  in the background
56        update-code           another machine          rsync -a . shop:/srv
57     6 wait for `alone`
58     7 vendor/unknown@v1
          text around `${{ }}` makes `github.ref == 'refs/heads/main' && ${{ true }}` true
            whatever it says
 5  watch  on ubuntu-latest
       waits for `deploy` and `build`
       runs only after a failure, cancel, timeout or skip, and only if `deploy` did not succeed
       at most 5 minutes
11     1 ./.github/actions/tell
          runs .github/actions/tell/action.yml:
 5        1 curl -X POST https://hooks.slack.com/services/x
             runs only after a failure, not after a cancel
 5           alert              here                     curl -X POST https://hooks.slack.com/servi…
13     2 ./.github/actions/gone
13        ?                     not in this repository   ./.github/actions/gone
60  again
       waits for `deploy`
62     ./.github/workflows/called.yml  its jobs: migrate
          does migrate; `opslint explain .github/workflows/called.yml` draws it
63  elsewhere
       waits for `deploy`
65     shop/workflows/.github/workflows/deploy.yml@v1
          is not in this repository: what it does is not to be seen
"""


def test_a_narrow_drawing_keeps_within_its_width() -> None:
    assert max(len(line) for line in workflow(FILES, width=72).splitlines()) <= 72


def test_a_plain_workflow_is_drawn_without_remarks() -> None:
    plain = "on: push\njobs:\n  check:\n    runs-on: ubuntu-latest\n    steps: [{run: php -v}]\n"
    assert workflow({PATH: plain}) == "3  check  on ubuntu-latest\n5     1 php -v\n"


def test_jobs_that_need_one_another_are_drawn_all_the_same() -> None:
    ring = "on: push\njobs:\n  a: {needs: b, steps: [{run: x}]}\n  b: {needs: a, steps: [{run: x}]}\n"
    assert [line for line in workflow({PATH: ring}).splitlines() if "waits" in line] == [
        "      waits for `b`",
        "      waits for `a`",
    ]


def test_a_step_that_cannot_run_is_told() -> None:
    never = "on: push\njobs:\n  a:\n    steps:\n      - run: x\n        if: ${{ false }}\n"
    assert workflow({PATH: never}).splitlines()[-1].strip() == "never runs"


def test_a_script_that_cannot_be_read_is_told() -> None:
    broken = "on: push\njobs:\n  a:\n    steps:\n      - run: |\n          if then fi (\n"
    assert "cannot be read" in workflow({PATH: broken})


def test_no_text_of_a_repository_draws_by_itself() -> None:
    hostile = (
        "on: push\njobs:\n  a:\n    runs-on: \"x\\e[31m\"\n    if: \"env.A\\e[1m == 'x'\"\n    steps:\n"
        "      - name: \"::error::\\e[2J\\u202e\"\n        if: \"env.A == '\\e[0m'\"\n"
        "        run: \"php artisan down \\e[32m || \\e[5m\"\n"
    )
    text = workflow({PATH: hostile})
    assert "maintenance-on" in text
    assert not {character for character in text if not character.isprintable()} - {"\n"}
    assert all(line[:1] in " 0123456789" for line in text.splitlines())


SCRIPT = """\
#!/bin/bash
php artisan down
lift() { php artisan up; }
trap 'php artisan up' EXIT
if git fetch; then
    git pull
elif [ -n "$FORCE" ]; then
    git pull --force
else
    git checkout main
fi
case $1 in all) php artisan migrate --force;; esac
while true; do php artisan queue:restart; done
php artisan config:cache || php artisan config:clear && php artisan route:cache
ssh shop 'if true; then php artisan event:cache; fi'
"""


def script(text: str) -> list[str]:
    found = project({"deploy.sh": text})
    rows = tuple(command_rows(found, found.commands_of("deploy.sh"), 0, found.script("deploy.sh")))
    return [f"{row.act}: {row.after or '-'}" for row in rows]


def test_what_stands_around_a_command_is_told() -> None:
    assert script(SCRIPT) == [
        "maintenance-on: -",
        "maintenance-off: in lift()",
        "maintenance-off: by the trap on EXIT",
        "update-code: in an if",
        "update-code: in an if",
        "update-code: in an else",
        "migrate: in a case",
        "restart-workers: in a loop",
        "build-caches: or else php artisan config:clear",
        "build-caches: -",
        "build-caches: in an if",
    ]


def test_nothing_stands_around_plain_commands() -> None:
    assert script("php artisan down\ngit pull && php artisan migrate\nphp artisan up\n") == [
        "maintenance-on: -",
        "update-code: -",
        "migrate: -",
        "maintenance-off: -",
    ]
