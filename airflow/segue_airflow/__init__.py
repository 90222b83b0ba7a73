"""What the DAGs of Segue share."""
