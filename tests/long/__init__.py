"""What takes too long for every change: a storm of crashes, piles of bombs, a large course that migrates."""
