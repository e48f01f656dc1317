-- Tables that the plugin's default queries read; names and columns are those of EMQX, so that its tables can be used as they are.
--
--   mariadb mqtt < schema.sql
--
-- The collation compares letter by letter, spaces at the end included: to a broker "Ann", "ann" and "ann " are three users. For MySQL 8
-- write utf8mb4_0900_bin in its place.

CREATE TABLE IF NOT EXISTS mqtt_user (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  username VARCHAR(255) NOT NULL,
  password_hash VARCHAR(255) DEFAULT NULL,  -- hexadecimal, or the whole "$2b$..." of bcrypt
  salt VARCHAR(255) DEFAULT NULL,
  is_superuser TINYINT(1) NOT NULL DEFAULT 0,
  created DATETIME DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY mqtt_username (username)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;

-- The first row that matches decides, in the order of the query (by id).
CREATE TABLE IF NOT EXISTS mqtt_acl (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  ipaddress VARCHAR(60) NOT NULL DEFAULT '',  -- an address or a range such as 10.0.0.0/8; '': every address
  username VARCHAR(255) NOT NULL DEFAULT '',
  clientid VARCHAR(255) NOT NULL DEFAULT '',
  action ENUM('publish', 'subscribe', 'all') NOT NULL,
  permission ENUM('allow', 'deny') NOT NULL,
  topic VARCHAR(1024) NOT NULL DEFAULT '',    -- a filter; may hold ${username}, ${clientid} and so on; "eq a/#": these letters
  qos TINYINT(1) DEFAULT NULL,                -- NULL: every QoS
  retain TINYINT(1) DEFAULT NULL,             -- NULL: retained or not; 0, 1
  PRIMARY KEY (id),
  KEY username_idx (username),
  KEY clientid_idx (clientid)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;

-- What the plugin's user needs, and no more:
--
--   CREATE USER patchbay@'%' IDENTIFIED BY '...' REQUIRE SSL;
--   GRANT SELECT ON mqtt.mqtt_user TO patchbay@'%';
--   GRANT SELECT ON mqtt.mqtt_acl TO patchbay@'%';
