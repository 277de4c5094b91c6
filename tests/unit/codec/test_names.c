#include <criterion/criterion.h>

#include "codec/names.h"
#include "manifest/doc.h"

static struct names *all_heads(void)
{
    struct names *const t = xcalloc(1, sizeof(*t));
    for (unsigned f = 0; f < F_COUNT; f++)
        names_add(t, doc_field_name((enum doc_field)f), f);
    names_build(t);
    return t;
}

Test(names, every_name_is_found_and_gives_its_number)
{
    struct names *const t = all_heads();
    for (unsigned f = 0; f < F_COUNT; f++)
        cr_assert_eq(names_find(t, view_of(doc_field_name((enum doc_field)f))), f);
    free(t);
}

Test(names, a_name_that_differs_in_one_byte_is_unknown)
{
    struct names *const t = all_heads();
    for (unsigned f = 0; f < F_COUNT; f++) {
        char text[NAMES_BYTES_MAX + 2];
        const char *const name = doc_field_name((enum doc_field)f);
        const size_t n = strlen(name);
        for (size_t i = 0; i < n; i++) {
            memcpy(text, name, n + 1);
            text[i] ^= 1;
            const unsigned id = names_find(t, view_of(text));
            cr_assert(id == NAMES_NONE || strcmp(doc_field_name((enum doc_field)id), text) == 0,
                      "%s was taken for %s", text, name);
        }
    }
    free(t);
}

Test(names, lengths_beyond_the_limits_are_unknown)
{
    struct names *const t = all_heads();
    cr_assert_eq(names_find(t, VIEW("")), NAMES_NONE);
    cr_assert_eq(names_find(t, VIEW("consigneeAddressconsigneeAddress")), NAMES_NONE);
    cr_assert_eq(names_find(t, VIEW("gui")), NAMES_NONE);
    cr_assert_eq(names_find(t, VIEW("guidd")), NAMES_NONE);
    free(t);
}

Test(names, long_names_that_agree_at_both_ends_are_told_apart)
{
    struct names *const t = xcalloc(1, sizeof(*t));
    names_add(t, "TRANSIT_CANCELLED", 7);
    names_build(t);
    cr_assert_eq(names_find(t, VIEW("TRANSIT_CANCELLED")), 7);
    cr_assert_eq(names_find(t, VIEW("TRANSIT_xANCELLED")), NAMES_NONE);
    free(t);
}

Test(names, a_guess_holds_only_for_the_name_and_its_quote)
{
    struct names *const t = all_heads();
    const unsigned i = names_index(t, VIEW("copNo"));
    const struct names_entry *const e = &t->entry[i];
    cr_assert(names_quoted(e, "copNo\":\"123456789abcdef"));
    cr_assert(!names_quoted(e, "copNoo\":\"12345678abcdef"));
    cr_assert(!names_quoted(e, "copN\":\"123456789abcdef0"));
    const unsigned k = names_index(t, VIEW("consigneeAddress")); /* 16 bytes: never guessed */
    cr_assert(!names_quoted(&t->entry[k], "consigneeAddress\":\"12345"));
    free(t);
}
