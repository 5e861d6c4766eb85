-- The demo's database and the tests' one. The password is no secret: only
-- programs on this machine can connect.
CREATE ROLE ckan_default LOGIN PASSWORD 'pass';
CREATE DATABASE ckan_default OWNER ckan_default;
CREATE DATABASE ckan_test OWNER ckan_default;
-- What the tests write need not survive a power cut.
ALTER DATABASE ckan_test SET synchronous_commit = off;
