"""Korrigo on one machine: embedded servers, every service as its own process."""
