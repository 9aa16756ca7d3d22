"""What a step is called in findings."""

from __future__ import annotations

import pytest

from opslint.model.step_name import step_name


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param({"id": "migrate", "name": "Run the migrations"}, "migrate", id="its id"),
        pytest.param({"name": "Run the migrations!", "run": "php artisan migrate"}, "Run-the-migrations", id="its name"),
        pytest.param({"name": "Deploy ${{ github.sha }} to ${{ inputs.target }}"}, "Deploy-to", id="what is known of its name"),
        pytest.param({"name": "${{ matrix.php }}", "run": "composer test"}, "composer-test", id="a name that nobody knows"),
        pytest.param({"uses": "actions/checkout@v4"}, "actions-checkout", id="an action without its version"),
        pytest.param({"uses": "./.github/actions/setup"}, "github-actions-setup", id="a local action"),
        pytest.param({"run": "php artisan migrate --force"}, "php-artisan-migrate", id="a program and plain words"),
        pytest.param({"run": "set -euo pipefail\n# soon\ncd app\n\nnpm ci"}, "npm-ci", id="the first that does something"),
        pytest.param({"run": "MYSQL_PWD=hunter-of-words mysqldump shop"}, "mysqldump-shop", id="no value of a variable"),
        pytest.param({"run": "sshpass -p hunter ssh u@h"}, "sshpass", id="no option and nothing behind it"),
        pytest.param({"run": "ssh deploy@shop.example 'down'"}, "ssh", id="no host"),
        pytest.param({"run": "./bin/deploy.sh"}, "deploy-sh", id="a script"),
        pytest.param({"name": "Überprüfe die Seite"}, "Überprüfe-die-Seite", id="another language"),
        pytest.param({"name": "a" * 100}, "a" * 60, id="a long one is cut"),
        pytest.param({"run": "${{ inputs.command }}"}, "", id="nothing that can be seen"),
        pytest.param({}, "", id="nothing"),
    ],
)  # fmt: skip
def test_step_name(said: dict[str, str], expected: str) -> None:
    assert step_name(**{"id": "", "name": "", "uses": "", "run": "", **said}) == expected
