"""The contract's messages from and to the domain."""
