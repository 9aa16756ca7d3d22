"""What each parameter of a check means, in words for who writes one."""

from __future__ import annotations

from collections.abc import Mapping

# By name, or by check and name where one check means something of its own.
PARAMETERS: Mapping[str, str] = {
    "act": "The act that is looked for: a name of acts.yaml, like migrate or work-queue.",
    "add": "What the fix adds where it is missing.",
    "at-least": "The lowest value that is right.",
    "at-most": "The highest value that is right.",
    "bare": "What a number without a unit means to the program: MB or bytes.",
    "cancelled": "Whether a gate must be red, too, where the job that it judges is cancelled or runs out of time.",
    "command": "The commands that are looked at: words match in order, options may stand anywhere.",
    "commands": "The commands that are looked at: words match in order, options may stand anywhere.",
    "default": "The value that counts where the option is not given.",
    "errors": "How many errors a baseline may hold.",
    "first": "The acts that come first.",
    "folders": "The folders that must be analysed, as far as they are there and hold PHP.",
    "formats": "The values of --error-format with which the command is known to fail.",
    "from-version": "The first version of the action that no longer reads the input.",
    "gates": "The jobs that are gates, whatever they run.",
    "health": "Whether the rollback must also ask the site whether it answers.",
    "identifiers": "PHPStan's identifiers of errors that fail when the code runs.",
    "input": "The input of the action that must not be given.",
    "level": "The lowest level of PHPStan that is right; max is the highest there is.",
    "margin": "How many seconds more the fix gives.",
    "may-depend": "Whether an environment variable may decide: it is meant as a switch then.",
    "messages": "Parts of messages about errors that fail when the code runs, for entries without an identifier.",
    "mishap": "What goes wrong: something fails, or the run is cancelled.",
    "mishaps": "How many things may go wrong on the way; 0 looks only at courses in which all goes well.",
    "name": "How people call what is checked, for messages.",
    "never-with": "Options with which the command does not judge at all.",
    "only-with": "What the repository must show for the claim to be made.",
    "option": "The option that is looked at.",
    "options": "The options that are looked at.",
    "commands.has_options.options": "Each option that must be there, with the environment variable that stands for it.",
    "package": "The composer package whose version decides, or that an application must require.",
    "per": "What may not grow: the total, or each file's, each identifier's, each entry's count.",
    "safe": "Whether the fix is made unread.",
    "silent-with": "Acts with which the deployment needs no such order.",
    "state": "What it means where the claim does not hold.",
    "then": "What comes then.",
    "failures.never_believed.then": "The acts that take the first ones for done.",
    "tried": "Whether it is enough that the first act was begun.",
    "unit": "The unit of the value, for messages.",
    "unless": "Options with which the command may be run.",
    "unless-failed": "The act after whose failure nothing is asked.",
    "uses": "The action, without its version.",
    "value": "The value that is right.",
    "where": "Whether to look anywhere, or in deployments alone.",
    "why": "What is wrong with it otherwise, as the message ends.",
}


def words(check: str, name: str) -> str:
    """What a parameter of a check means; empty where nobody has said it."""
    return PARAMETERS.get(f"{check}.{name}") or PARAMETERS.get(name, "")
