"""Drawing in turns: a few workers, a queue that is fair between users, and pictures that servers share."""
