-- Answers are listed those of this server first, which others may take as they stand.

DROP INDEX objects_parent;
CREATE INDEX objects_parent ON objects (parent_id, local, id);
