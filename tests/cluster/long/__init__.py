"""What takes long, or a cluster with more in it: `make test-long-cluster`."""
