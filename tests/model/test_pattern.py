"""Patterns of commands: what they mean, and what they do not."""

from __future__ import annotations

import pytest

from opslint.model.command import Site, commands
from opslint.model.pattern import Pattern
from opslint.source import Source
from opslint.syntax.script import Word
from opslint.syntax.shell import script


def words(content: str) -> tuple[Word, ...]:
    return next(iter(commands(script(Source("x.sh", content).text), Site("script", "x.sh", "x.sh")))).words


@pytest.mark.parametrize(
    ("pattern", "content"),
    [
        pytest.param("php artisan up", "php8.2 -d x=1 artisan up", id="a version and options of PHP"),
        pytest.param("php artisan up", "/usr/bin/php /var/www/app/artisan up", id="folders"),
        pytest.param("php artisan up", "php ./artisan --env=x up", id="options before"),
        pytest.param("php artisan up", "./artisan up", id="called directly"),
        pytest.param("php artisan up", "$PHP artisan up", id="whatever PHP it is"),
        pytest.param("php artisan up", '"$DIR/artisan" up', id="in a folder that is only known later"),
        pytest.param("php artisan up", "php${{ matrix.php }} artisan up", id="GitHub's version of PHP"),
        pytest.param("php artisan queue:work", "php artisan 'queue:work' redis --tries=3", id="quotes, further words"),
        pytest.param("phpstan", "php -d memory_limit=-1 vendor/bin/phpstan analyse", id="a program that PHP runs"),
        pytest.param("tar -x* *backup*", "tar zxvf x-backup.tgz -C /", id="a cluster without its dash"),
        pytest.param("tar -x* -f=*backup*", "tar -C / -zxf x-backup.tgz", id="an option's value"),
        pytest.param("tar -x*", "tar --extract --file x", id="a long name for a short one"),
        pytest.param("cp *backup* *", "cp -a $BACKUP_DIR/. /srv", id="an open glob sees a variable's name"),
        pytest.param("cp * *", "cp $A $B", id="a star matches what is not known"),
        pytest.param("git pull", "git -C /srv pull", id="an option's value is no word"),
        pytest.param("docker compose up -d", "docker compose -f x.yml up --detach", id="aliases"),
    ],
)
def test_matches(pattern: str, content: str) -> None:
    assert Pattern.parse(pattern).matches(words(content))


@pytest.mark.parametrize(
    ("pattern", "content"),
    [
        pytest.param("php artisan up", "php artisan update", id="a longer word"),
        pytest.param("php artisan up", "php artisan tinker up", id="words follow one another"),
        pytest.param("php artisan up", "php artisan", id="fewer words"),
        pytest.param("php artisan up", 'php artisan "$X"', id="only known when it runs"),
        pytest.param("php artisan up", "$X up", id="an unknown program"),
        pytest.param("php artisan up", "php -r artisan up", id="PHP that runs no file"),
        pytest.param("php artisan up", "echo php artisan up", id="another program"),
        pytest.param("tar -x* *backup*", "tar -cf backup.tar x", id="another option"),
        pytest.param("git reset --hard", "git reset -- --hard", id="behind a double dash there are no options"),
        pytest.param("cp *.bak *", "cp x y.bak", id="in another order"),
        pytest.param("mysql <*.sql*", "mysql app.sql", id="nothing is read"),
    ],
)
def test_does_not_match(pattern: str, content: str) -> None:
    assert not Pattern.parse(pattern).matches(words(content))


@pytest.mark.parametrize(("reads", "expected"), [("a.sql", True), ("zcat a.sql.gz", True), ("a", False), ("", False)])
def test_what_is_read(reads: str, expected: bool) -> None:
    assert Pattern.parse("mysql <*.sql*").matches(words("mysql -u x app"), reads) is expected


@pytest.mark.parametrize(
    ("pattern", "content", "expected"),
    [
        ("php artisan queue:work", "/usr/bin/php8 -d x=1 ./artisan queue:work --tries=3", "php artisan queue:work"),
        ("php artisan migrate:*", "php artisan migrate:fresh --seed", "php artisan migrate:fresh"),
        ("composer install", "php composer.phar install --no-dev", "composer install"),
    ],
)
def test_how_a_person_would_say_it(pattern: str, content: str, expected: str) -> None:
    assert Pattern.parse(pattern).said(words(content)) == expected
