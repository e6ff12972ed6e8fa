/* librdkafka's mock cluster, told over standard input what to suffer from. It prints its bootstrap addresses on the
 * first line, and then a line for each command: "ok", or what is wrong. It ends when standard input does. */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ERRORS 10000

static rd_kafka_mock_cluster_t *cluster;

static rd_kafka_resp_err_t push(int api_key, int code, int count) {
    static rd_kafka_resp_err_t errors[MOST_ERRORS];
    if (count < 0 || count > MOST_ERRORS) return RD_KAFKA_RESP_ERR__INVALID_ARG;
    for (int i = 0; i < count; i++) errors[i] = (rd_kafka_resp_err_t)code;
    rd_kafka_mock_push_request_errors_array(cluster, (int16_t)api_key, (size_t)count, errors);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t obey(const char *line) {
    char topic[256];
    int a, b, c;
    if (sscanf(line, "topic %255s %d %d", topic, &a, &b) == 3)
        return rd_kafka_mock_topic_create(cluster, topic, a, b);
    if (sscanf(line, "leader %255s %d %d", topic, &a, &b) == 3)
        return rd_kafka_mock_partition_set_leader(cluster, topic, a, b);
    if (sscanf(line, "push %d %d %d", &a, &b, &c) == 3) return push(a, b, c);
    if (sscanf(line, "clear %d", &a) == 1) {
        rd_kafka_mock_clear_request_errors(cluster, (int16_t)a);
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    if (sscanf(line, "rtt %d %d", &a, &b) == 2) return rd_kafka_mock_broker_set_rtt(cluster, a, b);
    if (sscanf(line, "down %d", &a) == 1) return rd_kafka_mock_broker_set_down(cluster, a);
    if (sscanf(line, "up %d", &a) == 1) return rd_kafka_mock_broker_set_up(cluster, a);
    return RD_KAFKA_RESP_ERR__INVALID_ARG;
}

int main(int argc, char **argv) {
    char problem[512], line[512];
    rd_kafka_conf_t *quiet = rd_kafka_conf_new();
    rd_kafka_conf_set(quiet, "log_level", "0", problem, sizeof problem);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, quiet, problem, sizeof problem);
    if (client == NULL) {
        fprintf(stderr, "%s\n", problem);
        return 1;
    }
    cluster = rd_kafka_mock_cluster_new(client, argc > 1 ? atoi(argv[1]) : 1);
    if (cluster == NULL) {
        fprintf(stderr, "no mock cluster of %s brokers\n", argc > 1 ? argv[1] : "1");
        return 1;
    }
    printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        rd_kafka_resp_err_t error = obey(line);
        printf("%s\n", error == RD_KAFKA_RESP_ERR_NO_ERROR ? "ok" : rd_kafka_err2name(error));
        fflush(stdout);
    }
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(client);
    return 0;
}
