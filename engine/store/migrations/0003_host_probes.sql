CREATE TABLE `host_probes` (
	`project` text NOT NULL,
	`name` text NOT NULL,
	`at` integer NOT NULL,
	`trouble` text,
	`system` text,
	`findings` text NOT NULL,
	PRIMARY KEY(`project`, `name`)
);
