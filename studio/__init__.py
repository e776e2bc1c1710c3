"""The web app: one file per tab, its components, its words."""
