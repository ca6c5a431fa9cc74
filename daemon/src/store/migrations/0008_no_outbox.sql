-- Nothing was ever written into it.
DROP TABLE outbox;
