#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/view.h"

/* Every length up to four turns, the odd byte at every place and none, bytes just inside and just
 * outside what is allowed: the copy is whole, nothing behind it is touched, the answer is right. */
Test(view, a_copy_tells_whether_something_odd_is_in_it)
{
    static const unsigned char byte[] = {'/',  '%',  '$',  '&',  '.',  '0',  0x00, 0x1f,
                                         0x20, 0x21, 0x7f, 0x80, 0xaf, 0xa5, 0x9f, 0xff};
    for (uint32_t n = 0; n <= 64; n++) {
        for (uint32_t at = 0; at <= n; at++) {
            for (size_t b = 0; b < sizeof(byte); b++) {
                char *const from =
                    malloc(n ? n : 1); /* of its own: nothing behind it may be read */
                char to[80];
                cr_assert(from);
                memset(from, 'x', n);
                memset(to, '#', sizeof(to));
                if (at < n)
                    from[at] = (char)byte[b];
                const bool odd = at < n && (byte[b] == '/' || byte[b] == '%' || byte[b] < 0x20);
                cr_assert_eq(view_copy_without(to, (struct view){from, n}, '/', '%', 0x20), !odd,
                             "%u bytes, 0x%02x at %u", n, byte[b], at);
                cr_assert_eq(memcmp(to, from, n), 0);
                cr_assert_eq(to[n], '#');
                free(from);
            }
        }
    }
}
