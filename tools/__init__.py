"""What writes tables, dashboards and the README's picture from the code; it does not ship."""
