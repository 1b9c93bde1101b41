"""What writes tables and dashboards from the code; it does not ship."""
