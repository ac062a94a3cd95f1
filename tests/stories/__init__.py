"""Members' stories, told on two Discords that know nothing of each other."""
