window.YTD.tweets.part0 = [
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editTweetIds": [
            "1600000000000000001"
          ]
        }
      },
      "retweeted": false,
      "id_str": "1600000000000000001",
      "id": "1600000000000000001",
      "created_at": "Tue Dec 06 10:00:00 +0000 2022",
      "full_text": "Fish &amp; chips at the harbour &lt;3",
      "lang": "en",
      "favorite_count": "3",
      "retweet_count": "1",
      "entities": {
        "urls": []
      }
    }
  },
  {
    "tweet": {
      "retweeted": false,
      "id_str": "1600000000000000002",
      "id": "1600000000000000002",
      "created_at": "Tue Dec 06 11:00:00 +0000 2022",
      "full_text": "RT @harbour: Fog until noon",
      "lang": "en",
      "favorite_count": "0",
      "retweet_count": "12"
    }
  },
  {
    "tweet": {
      "id_str": "1600000000000000003",
      "id": "1600000000000000003",
      "created_at": "Wed Dec 07 23:59:59 +0000 2022",
      "full_text": "@pilot_ann Thank you 🙏🏽",
      "lang": "qme",
      "favorite_count": "1",
      "retweet_count": "0",
      "in_reply_to_status_id_str": "1599999999999999999",
      "in_reply_to_screen_name": "pilot_ann"
    }
  }
];
