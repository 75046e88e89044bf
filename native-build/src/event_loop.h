/*
 * What we use of libuv, whose symbols the node binary exports. Declared here because uv.h does not come with
 * node-api-headers; all of it is part of libuv 1's stable ABI, and handles are allocated by uv_handle_size().
 */
#ifndef ODBFS_EVENT_LOOP_H
#define ODBFS_EVENT_LOOP_H

#include <stddef.h>
#include <stdint.h>

typedef struct uv_loop_s uv_loop_t;
typedef struct uv_handle_s uv_handle_t;
typedef struct uv_poll_s uv_poll_t;
typedef struct uv_async_s uv_async_t;

enum { UV_HANDLE_ASYNC = 1, UV_HANDLE_POLL = 8 };
enum { UV_EVENT_READABLE = 1 };

extern size_t uv_handle_size(int type);
extern void uv_handle_set_data(uv_handle_t *handle, void *data);
extern void *uv_handle_get_data(const uv_handle_t *handle);
extern void uv_close(uv_handle_t *handle, void (*closed)(uv_handle_t *handle));
extern int uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd);
extern int uv_poll_start(uv_poll_t *handle, int events, void (*ready)(uv_poll_t *handle, int status, int events));
extern int uv_poll_stop(uv_poll_t *handle);
extern int uv_async_init(uv_loop_t *loop, uv_async_t *handle, void (*woken)(uv_async_t *handle));
extern int uv_async_send(uv_async_t *handle);
extern int uv_backend_fd(const uv_loop_t *loop);
/* Milliseconds until the next timer; -1: there is none; 0: the loop has something to do before it may wait. */
extern int uv_backend_timeout(const uv_loop_t *loop);
extern void uv_update_time(uv_loop_t *loop);
extern uint64_t uv_hrtime(void);

#endif
