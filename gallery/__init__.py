"""The gallery: the community's pictures as web pages. It asks the core, and decides nothing."""
