"""Projects as tables and files, in and out.

`columns` knows what there is of a project. `exporting` reads it from the
database; `documents` and `tables` write it as JSON and CSV. `files` reads such
files, those of people and the JSON of DIGIFARM.MS: each yields records
(`record`) with what is wrong with them, cell by cell. `run` plans what each
record changes (`plan`, by `projects`, `links`, `supporters`, `tasks`), and
writes it.
"""
