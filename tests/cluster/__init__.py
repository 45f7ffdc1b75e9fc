"""Korrigo on a real Kubernetes; `make test-cluster` runs these tests where kubectl and helm reach one."""
