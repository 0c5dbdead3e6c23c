/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/cli_complete.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cli_offer(struct cli_completion *completion, const char *candidate)
{
	if (strncmp(candidate, completion->word, strlen(completion->word)) == 0)
		puts(candidate);
}

void cli_offer_files(struct cli_completion *completion)
{
	(void)completion;
	puts(":files");
}

void cli_offer_devices(struct cli_completion *completion)
{
	struct if_nameindex *devices = if_nameindex();

	for (size_t i = 0; devices && devices[i].if_index; i++)
		cli_offer(completion, devices[i].if_name);
	if_freenameindex(devices);
}

void cli_offer_commands(struct cli_completion *completion)
{
	const struct cli_command *commands = completion->cli->commands;

	/* The commands of a group stand together. */
	for (size_t i = 0; commands[i].name; i++)
		if (i == 0 || strcmp(commands[i].name, commands[i - 1].name) != 0)
			cli_offer(completion, commands[i].name);
}

static void offer_subcommands(struct cli_completion *completion, const char *group)
{
	for (const struct cli_command *command = completion->cli->commands; command->name; command++)
		if (command->subcommand && strcmp(command->name, group) == 0)
			cli_offer(completion, command->subcommand);
}

static void offer_option(struct cli_completion *completion, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "--%s", name);
	cli_offer(completion, text);
}

/* Offers the options that all commands take, and those of the command. */
static void offer_options(struct cli_completion *completion, const struct cli_command *command)
{
	for (const struct cli_option *option = completion->cli->options; option->name; option++)
		if (!option->takes || (command && (option->takes & command->takes)))
			offer_option(completion, option->name);
	offer_option(completion, "help");
}

/* Finds the option of a word: --name, --name=value, -l or -lvalue; *value: the value in the word, or NULL. */
static const struct cli_option *option_of(const struct cli *cli, const char *word, const char **value)
{
	size_t length = strcspn(word, "=");

	*value = NULL;
	for (const struct cli_option *option = cli->options; option->name; option++) {
		if (word[1] == '-' && strlen(option->name) == length - 2 &&
		    strncmp(word + 2, option->name, length - 2) == 0) {
			*value = word[length] ? word + length + 1 : NULL;
			return option;
		}
		if (word[1] != '-' && option->letter && word[1] == option->letter) {
			*value = word[2] ? word + 2 : NULL;
			return option;
		}
	}
	return NULL;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* Offers values of the option; the word is the value as far as it was typed. */
static void offer_value(struct cli_completion *completion, const struct cli_option *option, const char *typed)
{
	completion->word = typed;
	if (option->complete)
		option->complete(completion);
}

static void offer_argument(struct cli_completion *completion, char **words, int count)
{
	const struct cli_command *command = count ? cli_find(completion->cli, words, count) : NULL;
	int own = command && command->subcommand ? 2 : 1;

	if (!count) {
		cli_offer_commands(completion);
	} else if (!command && count == 1) {
		offer_subcommands(completion, words[0]);
	} else if (command && command->complete && count - own < command->most) {
		completion->arguments = words + own;
		completion->count = count - own;
		command->complete(completion);
	}
}

int cli_complete(const struct cli *cli, char *const *words, int count, void *options)
{
	struct cli_completion completion = {.cli = cli, .options = options, .word = count ? words[count - 1] : ""};
	char **arguments = calloc((size_t)count + 1, sizeof(*arguments));
	const struct cli_option *awaiting = NULL; /* the option that takes the next word */
	const char *value;
	int found = 0;

	if (!arguments)
		return CLI_DONE;
	for (int i = 0; i + 1 < count; i++) {
		const struct cli_option *option = is_option(words[i]) ? option_of(cli, words[i], &value) : NULL;

		if (awaiting)
			awaiting->set((char *)options + awaiting->offset, words[i]);
		else if (option && option->value && value)
			option->set((char *)options + option->offset, value);
		else if (!is_option(words[i]))
			arguments[found++] = words[i];
		awaiting = !awaiting && option && option->value && !value ? option : NULL;
	}
	if (awaiting)
		offer_value(&completion, awaiting, completion.word);
	else if (is_option(completion.word) && option_of(cli, completion.word, &value) && value)
		offer_value(&completion, option_of(cli, completion.word, &value), value);
	else if (*completion.word == '-')
		offer_options(&completion, found ? cli_find(cli, arguments, found) : NULL);
	else
		offer_argument(&completion, arguments, found);
	free(arguments);
	return CLI_DONE;
}
