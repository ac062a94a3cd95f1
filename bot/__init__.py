"""The Discord front end: translates between Discord and the studio, and decides nothing."""
