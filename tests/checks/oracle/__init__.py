"""What the program must say, worked out a second time and without it."""
