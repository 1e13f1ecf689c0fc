"""What the checks of durability share: a small partnership, a mail server, how things stand, and a disk that forgets."""
