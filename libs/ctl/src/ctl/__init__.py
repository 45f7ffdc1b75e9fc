"""What operators of Korrigo command: `korrigoctl`."""
