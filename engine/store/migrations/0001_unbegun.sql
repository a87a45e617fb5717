CREATE TABLE `unbegun` (
	`key` text PRIMARY KEY NOT NULL
);
