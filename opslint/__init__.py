"""opslint: the linter for how a PHP application is deployed and run."""

__version__ = "0.1.0"
