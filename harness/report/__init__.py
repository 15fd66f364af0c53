"""Reports on finished runs: tables, figures, and the page that holds them."""
