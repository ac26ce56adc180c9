"""What UNIPEN's writers do at pairs of letters: log odds of a join and its height, by classes of letters."""

LOG_ODDS: dict[tuple[str, str], float] = {}
HEIGHTS: dict[tuple[str, str], float] = {}
