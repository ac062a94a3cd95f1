"""Makes docs/buttons.md: its text from the bot's own tables, its pictures from Easel itself."""
