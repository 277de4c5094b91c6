/*
 * json.c once more, for processors that have AVX2 (the Makefile says so to the compiler): 32 bytes
 * a step in one instruction each. decode.c picks; a test holds both against each other.
 */
#ifdef __AVX2__
#define json_message json_message_avx2
#include "codec/json.c"
#else
_Static_assert(1, "nothing to build on this machine");
#endif
