"""The commands of `korrigoctl`, a module each; a command loads only its own."""
