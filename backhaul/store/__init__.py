"""What Backhaul remembers: tables, unit of work, audit log, migrations."""
