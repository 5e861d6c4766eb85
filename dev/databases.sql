-- The demo's database and the tests' one. The password is no secret: only
-- programs on this machine can connect. More databases come into being when
-- several processes run the tests.
CREATE ROLE ckan_default LOGIN CREATEDB PASSWORD 'pass';
CREATE DATABASE ckan_default OWNER ckan_default;
CREATE DATABASE ckan_test OWNER ckan_default;
-- What the tests write need not survive a power cut.
ALTER DATABASE ckan_test SET synchronous_commit = off;
