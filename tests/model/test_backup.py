"""Names of backups: which file is written, which is read, and where only the run knows."""

from __future__ import annotations

import pytest

from opslint.model.backup import name_of, restored_from, written_to
from opslint.model.command import Command, Site, commands
from opslint.source import Source
from opslint.syntax import shell


def found(text: str, program: str) -> Command:
    site = Site("script", "x.sh", "x.sh")
    listed = commands(shell.script(Source("x.sh", text).text), site)
    return next(each for each in listed if each.words[0].value == program)


@pytest.mark.parametrize(
    ("text", "program", "name"),
    [
        pytest.param("mysqldump shop > /b/shop.sql", "mysqldump", "shop.sql", id="behind >"),
        pytest.param("mysqldump shop 2>/dev/null > /b/shop.sql", "mysqldump", "shop.sql", id="not where its errors go"),
        pytest.param("mysqldump shop | gzip > /b/shop.sql.gz", "mysqldump", "shop.sql", id="at the end of its pipeline, packed"),
        pytest.param("ssh h 'mysqldump shop' | gzip > /b/shop.sql.gz", "mysqldump", "shop.sql", id="of ssh's pipeline"),
        pytest.param("{ mysqldump shop | gzip; } > /b/shop.sql", "mysqldump", "shop.sql", id="of the group around it"),
        pytest.param("pg_dump -Fc -f /b/x.dump shop", "pg_dump", "x.dump", id="an option"),
        pytest.param("mysqldump --result-file=/b/x.sql shop", "mysqldump", "x.sql", id="an option with ="),
        pytest.param("tar -czf /b/app.tar.gz -C /var/www app", "tar", "app.tar", id="an archive"),
        pytest.param("tar czf /b/app.tgz app", "tar", "app.tgz", id="an archive, without a dash"),
        pytest.param("tar -cz app > /b/app.tgz", "tar", "app.tgz", id="an archive on standard output"),
        pytest.param("mysqldump shop > /b/s-$GITHUB_RUN_ID.sql", "mysqldump", "s-$run_id.sql", id="named after the run"),
        pytest.param("mysqldump shop > /b/s-${{ github.run_id }}.sql", "mysqldump", "s-$run_id.sql", id="the same by GitHub"),
        pytest.param("mysqldump shop > /b/s-$STAMP.sql", "mysqldump", None, id="a variable"),
        pytest.param("mysqldump shop > /b/s-$(date +%s).sql", "mysqldump", None, id="a substitution"),
        pytest.param("mysqldump shop", "mysqldump", None, id="nowhere"),
    ],
)
def test_where_a_backup_is_written(text: str, program: str, name: str | None) -> None:
    word = written_to(found(text, program))
    assert (word and name_of(word)) == name


@pytest.mark.parametrize(
    ("text", "program", "name"),
    [
        pytest.param("mysql shop < /b/shop.sql", "mysql", "shop.sql", id="behind <"),
        pytest.param("gunzip -c /b/shop.sql.gz | mysql shop", "mysql", "shop.sql", id="through a pipe"),
        pytest.param("psql shop -f /b/x.sql", "psql", "x.sql", id="an option"),
        pytest.param("pg_restore -d shop /b/x.dump", "pg_restore", "x.dump", id="an operand"),
        pytest.param("php artisan db:restore /b/x.sql", "php", "x.sql", id="an operand of artisan's command"),
        pytest.param("php artisan migrate:rollback", "php", None, id="no file at all"),
        pytest.param("php artisan db:restore mysql", "php", None, id="a connection"),
        pytest.param("zcat /b/x.sql.gz | sed s/a/b/ | mysql shop", "mysql", None, id="through a filter"),
        pytest.param("openssl enc -d -in /b/x.enc -k key | mysql shop", "mysql", None, id="decrypted"),
        pytest.param('tar -xzf "$NEWEST" -C /', "tar", None, id="a variable"),
        pytest.param("tar -xzf /b/app-*.tgz -C /", "tar", None, id="a pattern"),
    ],
)
def test_what_is_restored(text: str, program: str, name: str | None) -> None:
    word = restored_from(found(text, program))
    assert (word and name_of(word)) == name
