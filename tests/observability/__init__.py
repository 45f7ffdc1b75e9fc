"""What a real Prometheus makes of our metrics, alerts and dashboards."""
