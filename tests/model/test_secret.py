"""Secrets that are written out, and values that are none."""

from __future__ import annotations

import pytest

from opslint.files import Memory
from opslint.model.project import Project
from opslint.model.secret import secrets

WORKFLOW = """\
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    SERVICES
    steps:
      - run: mysqldump -uroot --password=hunter22 shop > before.sql
      - run: ssh deploy@shop.example 'cd /srv/shop && git pull'
"""
DATABASE = "services: {mysql: {image: 'mysql:8', env: {MYSQL_ROOT_PASSWORD: PASSWORD}}}"


def found(services: str) -> list[str]:
    project = Project(Memory({".github/workflows/deploy.yml": WORKFLOW.replace("SERVICES", services)}))
    return [secret.span.written for secret in secrets(project)]


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        pytest.param("name: Deploy", ["hunter22"], id="a password"),
        pytest.param(DATABASE.replace("PASSWORD}}", "hunter22}}"), [], id="that of a service container, which ends with the job"),
        pytest.param(DATABASE.replace("PASSWORD}}", "another1}}"), ["hunter22"], id="another than the container's"),
    ],
)
def test_passwords_of_service_containers_are_no_secrets(services: str, expected: list[str]) -> None:
    assert found(services) == expected
