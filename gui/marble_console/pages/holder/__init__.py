"""What a holder brings to the recovery, to a drill and to the offline desk: a saved share, and a private key."""
