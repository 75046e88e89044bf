/*
 * Extended attributes that the file system never keeps. The kernel asks for security.capability with the first write to each
 * file and with each chown, `ls -l` and `cp -p` for access control lists: answered without JavaScript.
 */
#ifndef ODBFS_KEPT_ATTRIBUTES_H
#define ODBFS_KEPT_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LONGEST_NAMESPACE = 31 };

struct kept_attributes {
  char prefix[LONGEST_NAMESPACE + 1]; /* of names that are kept; empty: nobody has said so */
  int error;                          /* the answer for all others */
};

/* True when the message was one of those, and is answered. A malformed one is left to JavaScript. */
bool answer_for_unkept(const struct kept_attributes *kept, int fd, const uint8_t *message, size_t length);

#endif
