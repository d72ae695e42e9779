typedef binary Blob
