"""The benchmark: how long pages take, and what they ask for."""
