/* A room without sources yet. */
typedef int room_is_empty;
