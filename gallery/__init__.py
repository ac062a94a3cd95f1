"""The gallery: web pages over the same core as Discord. They translate, they decide nothing."""
