"""Easel under fire: real processes over real sockets, killed and loaded."""
