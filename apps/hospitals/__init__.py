"""The directory: specialties, hospitals, doctors and who practises where."""
